"""The list of all manifests, and what is made of files: the proxy's configuration and the secrets.

Their names end with a digest of what they hold, so that pods are replaced when a token or a certificate is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.compose import SECRET_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.deploy.image_name import ImageName
    from edgent.deploy.kubernetes.names import Names


def kustomization(names: Names, resources: Iterable[str], image: ImageName) -> dict[str, Any]:
    """The content of kustomization.yaml.

    Args:
        names: of the pipeline's manifests.
        resources: file names of the manifests.
        image: of the edge, which may get a registry and another tag here.
    """
    meant = {"digest": image.digest} if image.digest else {"newTag": image.tag}
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [*resources],
        "configMapGenerator": [{"name": f"{names.base}-proxy", "files": ["haproxy.cfg"]}],
        "secretGenerator": [
            {"name": names.base, "files": [f"{name}={file}" for name, file in SECRET_FILES.items()]}
        ],
        "images": [{"name": image.name, "newName": image.name, **meant}],
    }
