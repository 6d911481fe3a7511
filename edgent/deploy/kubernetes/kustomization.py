"""The two lists of manifests: without the secrets, for a repository, and with them, as they lie in files.

What is made of files, the proxy's configuration and the secrets, has a name that ends with a digest of what
it holds, so that pods are replaced when a token or a certificate is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgent.deploy.compose import SECRET_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edgent.deploy.image_name import ImageName
    from edgent.deploy.kubernetes.names import Names

_KIND = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def kustomization(names: Names, resources: Iterable[str], image: ImageName) -> dict[str, Any]:
    """The list beside the manifests: all but the secrets.

    Args:
        names: of the pipeline's manifests.
        resources: file names of the manifests.
        image: of the edge, which may get a registry and another tag here.
    """
    meant = {"digest": image.digest} if image.digest else {"newTag": image.tag}
    return {
        **_KIND,
        "resources": [*resources],
        "configMapGenerator": [{"name": f"{names.base}-proxy", "files": ["haproxy.cfg"]}],
        "images": [{"name": image.name, "newName": image.name, **meant}],
    }


def with_secrets(names: Names, manifests: str) -> dict[str, Any]:
    """The list above it, which adds the Secret of the files in the folder of secrets.

    Args:
        names: of the pipeline's manifests.
        manifests: the folder of the list without secrets.
    """
    files = [f"{name}={file}" for name, file in SECRET_FILES.items()]
    return {
        **_KIND,
        "resources": [manifests],
        "secretGenerator": [{"name": names.base, "files": files}],
    }
