"""Connects to Temporal with encrypted payloads, encrypted failures and the request id in the headers."""

import dataclasses

from temporalio.client import Client
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.envconfig import ClientConfig
from temporalio.runtime import LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import GrpcCompression, RetryConfig

from adapters.crypto.field_cipher import FieldCipher
from adapters.temporal.codec import EncryptedPayloads
from adapters.temporal.request_id import ClientRequestIds

API_RETRY = RetryConfig(max_retries=3, max_elapsed_time_millis=1_000)
"""For the API: retries last 0.3 to 0.9 s, then the caller gets a 503. The default retries for 10 s."""


class TlsMissing(Exception):
    """TLS is missing: payloads are encrypted, but ids, types and calls that end a flow are unprotected."""


def data_converter(cipher: FieldCipher, namespace: str) -> DataConverter:
    """Return the converter: dataclasses as encrypted JSON; messages and stack traces of failures encrypted too."""
    return dataclasses.replace(
        DataConverter.default,
        payload_codec=EncryptedPayloads(cipher, namespace),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def new_runtime(metrics_address: str | None) -> Runtime:
    """Return a runtime that serves the metrics of SDK and product on one Prometheus port; none without an address."""
    metrics = PrometheusConfig(bind_address=metrics_address) if metrics_address else None
    logging = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(metrics=metrics, logging=logging))


def require_tls() -> None:
    """Check that TEMPORAL_* sets TLS, which production requires, or an API key, which brings it unless it is off.

    Raises TlsMissing with a message.
    """
    if not ClientConfig.load_client_connect_config(disable_file=True).get("tls"):
        raise TlsMissing("production: TEMPORAL_TLS=true (with its certificates) or TEMPORAL_API_KEY must be set.")


async def connect(
    cipher: FieldCipher, *, runtime: Runtime, identity: str, is_api: bool, is_compressed: bool = False
) -> Client:
    """Return a client configured by TEMPORAL_*. `identity` names the process in the Temporal UI. `is_compressed`: calls
    are gzipped, which costs the server more than it saves unless the way there is long.

    The API's client connects on first use, so that the API starts and answers without Temporal. A worker's connects at
    once, as the SDK requires, and raises RuntimeError when that fails.
    """
    config = ClientConfig.load_client_connect_config(disable_file=True)
    namespace = config.get("namespace") or "default"
    return await Client.connect(
        config.get("target_host") or "localhost:7233",
        namespace=namespace,
        api_key=config.get("api_key"),
        tls=config.get("tls") or False,
        data_converter=data_converter(cipher, namespace),
        interceptors=[ClientRequestIds()],
        retry_config=API_RETRY if is_api else None,
        runtime=runtime,
        grpc_compression=GrpcCompression.GZIP if is_compressed else GrpcCompression.NONE,
        identity=identity,
        lazy=is_api,
    )
