"""The server settings that change what a bot sees, with the vendor's defaults.

What it is for: one flat table, open to the control API. What it must not do: list settings that
no rule of the fake reads or no client asks for.
"""

from collections.abc import Mapping
from typing import Final, Literal

__all__ = ["DEFAULTS", "PUBLIC", "Setting", "Settings"]

Setting = bool | int | str

DEFAULTS: Final[Mapping[str, Setting]] = {
    "API_Allow_Infinite_Count": True,
    "API_Default_Count": 50,
    "API_Enable_Rate_Limiter": True,
    "API_Enable_Rate_Limiter_Limit_Calls_Default": 10,
    "API_Enable_Rate_Limiter_Limit_Time_Default": 60000,
    "API_Upper_Count_Limit": 100,
    "Accounts_LoginExpiration": 90,
    "DDP_Rate_Limit_Enabled": True,
    "DirectMesssage_maxUsers": 8,
    "Discussion_enabled": True,
    "EmojiCustom": "",
    "FileUpload_MaxFileSize": 104857600,
    "FileUpload_MediaTypeWhiteList": "",
    "FileUpload_ProtectFiles": True,
    "Hide_System_Messages": "",
    "Message_AllowDeleting": True,
    "Message_AllowDeleting_BlockDeleteInMinutes": 0,
    "Message_AllowEditing": True,
    "Message_AllowEditing_BlockEditInMinutes": 0,
    "Message_AllowPinning": True,
    "Message_MaxAll": 0,
    "Message_MaxAllowedSize": 5000,
    "Message_ShowDeletedStatus": False,
    "Pin_Restreams_Original": False,
    "Site_Url": "http://localhost:3000",
    "Threads_enabled": True,
    "UI_Use_Real_Name": False,
    "uniqueID": "tolmach",
}
"""Ids are the vendor's, but for ``EmojiCustom`` (a comma list of names), ``DDP_Rate_Limit_Enabled``
(one switch for all of them) and ``Pin_Restreams_Original`` (older servers did)."""

PUBLIC: Final = (
    "API_Allow_Infinite_Count",
    "API_Default_Count",
    "API_Upper_Count_Limit",
    "Discussion_enabled",
    "FileUpload_MaxFileSize",
    "FileUpload_MediaTypeWhiteList",
    "FileUpload_ProtectFiles",
    "Message_AllowDeleting",
    "Message_AllowDeleting_BlockDeleteInMinutes",
    "Message_AllowEditing",
    "Message_AllowEditing_BlockEditInMinutes",
    "Message_AllowPinning",
    "Message_MaxAll",
    "Message_MaxAllowedSize",
    "Message_ShowDeletedStatus",
    "Site_Url",
    "Threads_enabled",
    "UI_Use_Real_Name",
    "uniqueID",
)

_Flag = Literal[
    "API_Allow_Infinite_Count",
    "API_Enable_Rate_Limiter",
    "DDP_Rate_Limit_Enabled",
    "Message_AllowDeleting",
    "Message_AllowEditing",
    "Message_AllowPinning",
    "Message_ShowDeletedStatus",
    "Pin_Restreams_Original",
    "Threads_enabled",
    "UI_Use_Real_Name",
]


class Settings:
    """Hold the values of this server."""

    def __init__(self) -> None:
        self.values: dict[str, Setting] = dict(DEFAULTS)

    def flag(self, name: _Flag) -> bool:
        """Return a yes-or-no setting."""
        return bool(self.values[name])

    def number(self, name: str) -> int:
        """Return a setting that counts something."""
        value = self.values[name]
        return value if isinstance(value, int) else 0

    def names(self, name: str) -> list[str]:
        """Return a setting that lists names separated by commas."""
        return [each.strip() for each in str(self.values[name]).split(",") if each.strip()]
