"""The composition root: the only file that builds the parts and wires them.

```
create_app ─ gateway.Gateway ─┬ http.GraphQLEdge     requests in, answers out
                              ├ execution.Executor   documents to results; the edge's engine
                              ├ schema               types, and the context of one request
                              ├ rest.Upstream        the Customers API, over the network or in process:
                              └ embedded             the Customers service, when no upstream URL is set
```
"""

from __future__ import annotations

from functools import partial

from custgraph.config import Settings, load_settings
from custgraph.embedded import create_service
from custgraph.execution import Executor
from custgraph.explorer import load_explorer
from custgraph.gateway import CannotStart, Gateway, Service
from custgraph.http import GraphQLEdge
from custgraph.rest import Upstream, in_process
from custgraph.schema import Context, build_blueprint
from custgraph.telemetry import configure_logs, logs_are_configured
from custgraph.telemetry.observed import Watch

__all__ = ["CannotStart", "Gateway", "create_app"]


def create_app(settings: Settings | None = None, *, service: Service | None = None) -> Gateway:
    """Makes the gateway: an ASGI application, to be served or mounted under any path.

    Args:
        settings: by default those of the environment, `.env` and `custgraph.toml`.
        service: the embedded service to ask when no upstream URL is set; by default one as the settings have it.

    Raises:
        SettingsError: the settings that were read are wrong, or a trusted document is.
    """
    settings = settings or load_settings().settings
    if not logs_are_configured():  # by the command, or by the host for itself
        configure_logs(settings.log_level, settings.log_format, libraries=False)
    if settings.upstream_url is not None:
        service = None
    elif service is None:
        service = create_service(settings.embedded_path, documented_only=settings.embedded_documented_only)
    if service is not None and settings.upstream_token is None:
        settings = settings.with_upstream_token(service.demo_token)
    watch = Watch.find(metrics=settings.metrics_port is not None)
    upstream = Upstream(
        settings,
        transport=in_process(service) if service is not None else None,
        observer=watch.calls if watch is not None else None,
    )
    blueprint = build_blueprint(settings)
    executor = Executor(blueprint, settings)
    engine = executor if watch is None else watch.engine(executor)
    make_context = partial(Context, upstream)
    metrics = watch.metrics if watch is not None else None
    edge = GraphQLEdge(
        engine,
        make_context,
        settings,
        load_explorer(),
        service.demo_token if service is not None else None,
        metrics.request if metrics is not None else None,
    )
    return Gateway(
        settings=settings,
        blueprint=blueprint,
        executor=executor,
        engine=engine,
        make_context=make_context,
        edge=edge,
        upstream=upstream,
        service=service,
        metrics=metrics,
    )
