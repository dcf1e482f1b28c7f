"""Connects to Temporal with encrypted payloads, encrypted failures and the request id in the headers."""

import dataclasses

from temporalio.client import Client
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.envconfig import ClientConfig
from temporalio.runtime import LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RetryConfig

from adapters.crypto.sealing import FieldCipher
from adapters.temporal.codec import EncryptedPayloads
from adapters.temporal.request_id import RequestIds

API_RETRY = RetryConfig(max_retries=3, max_elapsed_time_millis=1_000)
"""For the API: 0.3 to 0.9 s, then the caller gets its 503. The default goes on for 10 s."""


class TlsMissing(Exception):
    """Payloads are encrypted, but ids, types and who may end a flow are not."""


def data_converter(cipher: FieldCipher, namespace: str) -> DataConverter:
    """Dataclasses as JSON, sealed; messages and stacks of failures too."""
    return dataclasses.replace(
        DataConverter.default,
        payload_codec=EncryptedPayloads(cipher, namespace),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def new_runtime(metrics_address: str | None) -> Runtime:
    """Metrics of SDK and house on one Prometheus port; none without an address."""
    metrics = PrometheusConfig(bind_address=metrics_address) if metrics_address else None
    logging = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(metrics=metrics, logging=logging))


def require_tls() -> None:
    """Production's demand on TEMPORAL_*. Raises TlsMissing with a sentence."""
    config = ClientConfig.load_client_connect_config(disable_file=True)
    if not (config.get("tls") or config.get("api_key")):
        raise TlsMissing("production: TEMPORAL_TLS=true (with its certificates) or TEMPORAL_API_KEY must be set.")


async def connect(cipher: FieldCipher, *, runtime: Runtime, identity: str, is_api: bool) -> Client:
    """A client from TEMPORAL_*. The API's connects when first used, so that it starts and answers without
    Temporal; a worker's connects now, as the SDK wants it, or raises RuntimeError.
    """
    config = ClientConfig.load_client_connect_config(disable_file=True)
    namespace = config.get("namespace") or "default"
    return await Client.connect(
        config.get("target_host") or "localhost:7233",
        namespace=namespace,
        api_key=config.get("api_key"),
        tls=config.get("tls") or False,
        data_converter=data_converter(cipher, namespace),
        interceptors=[RequestIds()],
        retry_config=API_RETRY if is_api else None,
        runtime=runtime,
        identity=identity,
        lazy=is_api,
    )
