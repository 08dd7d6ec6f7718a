"""Business errors with a code that clients can act on.

GovError                one failed rule: code, message, field, details
ErrorCode               a catalogue of codes; one subclass a service, `Gen` and `Auth` are shared
  Gen                   GEN_…   input, references, versions, states
  Auth                  AUTH_…  who may do what

Anything that is not a `GovError` is a defect and is masked for clients.
"""

from enum import Enum
from typing import Any

from govkit.domain.fields import refuse_aliases


class GovError(Exception):
    """A rule refused a request; nothing was stored.

    `details` go to the client: ids, codes, numbers and enum names, never personal data or text that a resident wrote.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, retryable: bool = False, **details: Any):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.field = field
        self.retryable = retryable
        self.details = details


class ErrorCode(Enum):
    """A catalogue: each member is a code, its value the message ("中文 English").

    Calling a member makes the error: `raise OrgError.DUPLICATE_CODE(field="code", value="371324001001")`.
    Raises TypeError when two members share a message.
    """

    def __init_subclass__(cls, *, prefix: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._prefix_text = prefix  # type: ignore[attr-defined]
        refuse_aliases(cls)

    @property
    def code(self) -> str:
        return f"{type(self)._prefix_text}_{self.name}"  # type: ignore[attr-defined]

    def __call__(self, *, field: str | None = None, **details: Any) -> GovError:
        return GovError(self.code, self.value, field=field, **details)


class Gen(ErrorCode, prefix="GEN"):
    """Errors that every service can raise."""

    NOT_FOUND = "记录不存在 No record with this id"
    VALIDATION = "输入无效 The input is not valid"
    CONFLICT = "与现有数据冲突 The change conflicts with a stored record"
    VERSION_CONFLICT = "记录已被他人修改 The record has another version than expected"
    IDEMPOTENCY_MISMATCH = "同一请求编号内容不同 This clientMutationId was used with another input"
    INVALID_STATE = "当前状态不允许此操作 The action is not allowed in the current state"
    CALENDAR_UNKNOWN = "该日工作日历尚未公布 Nobody has published yet whether this day is a working day"
    REFERENCE_UNKNOWN = "引用的记录未知 A referenced record is not known here"
    REASON_REQUIRED = "必须填写原因 This action needs a reason"
    PAGE_TOO_LARGE = "每页最多100条 A page has at most 100 items"
    CURSOR_INVALID = "游标无效 The cursor was not made by this list"
    DEPENDENCY_UNAVAILABLE = "依赖的服务暂不可用 Something that this service needs is away; try again"
    INTERNAL = "系统内部错误 Unexpected failure; quote the trace id"


class Auth(ErrorCode, prefix="AUTH"):
    """Errors of authentication and authorisation."""

    UNAUTHENTICATED = "未登录或令牌无效 No token, or one that is expired, forged or malformed"
    FORBIDDEN = "角色无权执行 None of your roles may do this"
    OUT_OF_SCOPE = "超出管辖范围 The record lies outside your jurisdiction"
