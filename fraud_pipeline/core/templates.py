"""Templates of pages, which are written in yuan, in the words of another currency."""

from __future__ import annotations

from collections.abc import Callable

import jinja2

from fraud_pipeline.core.currency import in_currency


class InCurrency(jinja2.BaseLoader):
    """The templates of another loader; HTML templates name ``code`` as their currency."""

    def __init__(self, loader: jinja2.BaseLoader, code: str):
        self._loader, self._code = loader, code

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, name, fresh = self._loader.get_source(environment, template)
        if template.endswith((".html", ".j2")):
            source = in_currency(source, self._code, template=True)
        return source, name, fresh

    def list_templates(self) -> list[str]:
        return self._loader.list_templates()
