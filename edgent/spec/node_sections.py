"""The spec's sections on the two nodes: how the edge is reached, and what runs the layers on either."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from edgent.core.nearest_name import nearest_name
from edgent.errors import EdgeUnreachableError
from edgent.server_url import ServerUrl
from edgent.spec.pattern import Pattern
from edgent.spec.section import Positive, Section


def _url(protocol: str) -> AfterValidator:
    """Refuses what is no URL of a server, in plain words."""

    def check(url: str) -> str:
        try:
            ServerUrl.parse(url, protocol)
        except EdgeUnreachableError as error:
            raise ValueError(str(error)) from None
        return url

    return AfterValidator(check)


HttpUrl = Annotated[str, _url("http"), Field(json_schema_extra={"pattern": r"^https?://[^\s?#]+$"})]
GrpcUrl = Annotated[str, _url("grpc"), Field(json_schema_extra={"pattern": r"^grpcs?://[^/\s?#]+/*$"})]

EdgeName = Annotated[
    str,
    Field(max_length=64),
    Pattern(r"^[A-Za-z][A-Za-z0-9_.-]*$", "a letter, and then letters, digits, _, - and ."),
]


class ProvidersSection(Section):
    """What onnxruntime runs a node's layers on."""

    providers: tuple[str, ...] = Field(
        default=("CPUExecutionProvider",),
        min_length=1,
        description="onnxruntime's execution providers, the preferred first",
    )
    provider_options: dict[str, dict[str, str | int | float | bool]] = Field(
        default={}, description="what a provider is told, by its name, such as {device_id: 1}"
    )

    @field_validator("provider_options")
    @classmethod
    def _are_of_providers(
        cls, options: dict[str, dict[str, str | int | float | bool]], info: ValidationInfo
    ) -> dict[str, dict[str, str | int | float | bool]]:
        listed = info.data.get("providers", tuple(options))
        for name in options:
            if name not in listed:
                raise ValueError(f"{name!r} is no provider of this section; {nearest_name(name, listed)}")
        return options


class EdgeSection(ProvidersSection):
    """Where the heads run and how to get in."""

    name: EdgeName | None = Field(
        default=None, description="in answers and reports; `inference_url` by default"
    )
    inference_url: HttpUrl = Field(
        default="http://127.0.0.1:8080", description="TorchServe's HTTP interface, or a proxy's before it"
    )
    grpc_url: GrpcUrl | None = Field(
        default=None,
        description="TorchServe's gRPC interface: fewer bytes on the link; used where that is quicker",
    )
    management_url: HttpUrl | None = Field(
        default=None,
        description="TorchServe's management interface, which `edgent doctor` and `edgent token` ask there",
    )
    token_file: str | None = Field(default=None, description="TorchServe's key_file.json; or EDGENT_TOKEN")
    ca_file: str | None = Field(default=None, description="certificate authority for https and grpcs, PEM")
    threads: int = Field(default=1, ge=1, le=256, description="onnxruntime's, for each worker on the edge")
    batch_size: int = Field(default=1, ge=1, le=64, description="requests that a worker may answer together")
    max_batch_delay_ms: int = Field(
        default=1, ge=1, le=10_000, description="how long the first of them waits for the others"
    )
    profile: str | None = Field(
        default=None, min_length=1, description="path of this edge's profile; `regressors.edge` by default"
    )
    speed: Positive = Field(
        default=1.0, description="this edge computes so many times as fast as its profile says"
    )

    @property
    def known_as(self) -> str:
        """Its name, or its address where it has none."""
        return self.name or self.inference_url


def _no_number(value: object) -> object:
    if type(value) in {int, float}:  # 1 is equal to True
        raise ValueError("input should be True, False or 'eager'")
    return value


class DeviceSection(ProvidersSection):
    """How the device runs its part."""

    threads: int = Field(default=1, ge=1, le=256, description="onnxruntime's, for the tails")
    hedge: Annotated[Literal[True, False, "eager"], BeforeValidator(_no_number)] = Field(
        default=True,
        description="run a local exit when the edge is late; off saves battery; eager: go from exit to exit "
        "from the start, while the edge is awaited",
    )
    trace: bool = Field(
        default=False,
        description="requests tell the edge the id of their OpenTelemetry trace, in 70 bytes",
    )
    duty: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="in streams, the share of time that the device computes at most: less keeps it cool",
    )
