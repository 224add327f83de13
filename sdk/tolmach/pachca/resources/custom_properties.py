"""Custom properties of people and tasks.

What it is for: reached as ``pachca.custom_properties``. What it must not do: set one; people and tasks
are changed by their own methods.

Source: https://dev.pachca.com
"""

from typing import cast

from tolmach.pachca.api import Resource
from tolmach.pachca.models.shared import CustomPropertyDefinition
from tolmach.pachca.models.words import SearchEntityType
from tolmach.pachca.reading import read_each

__all__ = ["CustomProperties"]


class CustomProperties(Resource):
    """Offer the definitions of custom properties."""

    async def list(self, entity_type: SearchEntityType) -> list[CustomPropertyDefinition]:
        """Return the properties of ``User`` or ``Task``, all at once."""
        call = "GET /custom_properties"
        data = (await self._api.call(call, query={"entity_type": entity_type})).get("data")
        values = cast("list[object]", data) if isinstance(data, list) else []
        return read_each(CustomPropertyDefinition, values, call)
