"""`/api/login` and what belongs to it: logout, who am I, sessions and tokens."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from player.interfaces.command_table import Role
from player.interfaces.front.web.problems import Problem, documented
from player.interfaces.front.web.security.authenticator import Identity, Means
from player.interfaces.front.web.security.logins import Logins, Opened
from player.interfaces.front.web.security.passwords import LONGEST, SHORTEST
from player.interfaces.front.web.security.proxies import Asker
from player.interfaces.front.web.security.refusal import forbidden, unauthorized
from player.interfaces.front.web.security.secrets_authenticator import csrf_of, new_credential
from player.interfaces.front.web.security.secrets_file import MOST_TOKENS, Credential, Secrets

OWNERS = documented(401, 403, 503)
OWNERS_ONE = {**OWNERS, **documented(404, 422)}
Id = Annotated[str, Path(pattern="^[0-9a-f]{12}$", description="as the list has it")]


class LoginRequest(BaseModel):
    """Who wants in."""

    model_config = ConfigDict(extra="forbid")

    role: Annotated[str, Field(max_length=20, description="staff or owner")]
    password: Annotated[str, Field(max_length=LONGEST)]


class PasswordRequest(BaseModel):
    """A password; `old` is the owner's present one, once there is one, whoever's is set."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    new: Annotated[str, Field(description=f"{SHORTEST} to {LONGEST} characters")]
    old: Annotated[str, Field(max_length=LONGEST)] = ""


class SessionAnswer(BaseModel):
    """Who asks, and what their page sends along with every change (header X-CSRF-Token)."""

    role: Role
    name: str
    means: Means
    csrf: str


class CredentialAnswer(BaseModel):
    """A session or a token. Instants are seconds since 1970."""

    id: str
    role: Role
    name: str
    created_s: float
    used_s: float
    expires_s: float | None
    yours: bool = False


class TokenRequest(BaseModel):
    """A new token."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
    role: Role


class TokenAnswer(CredentialAnswer):
    """With the token itself, this once."""

    token: str


router = APIRouter(prefix="/api", tags=["access"])
"""`app.state.logins` carries it out."""


@router.post("/login", operation_id="log_in", responses=documented(401, 422, 429, 503))
async def log_in(request: Request, wanted: LoginRequest, response: Response) -> SessionAnswer:
    """Log in with a password. Scripts do not see the session's cookie; changes need `csrf` as well."""
    logins = _logins(request)
    asker: Asker = request.state.asker
    opened = await logins.log_in(wanted.role, wanted.password, asker, _browser(request))
    return _with_cookie(response, opened, logins, asker)


@router.post("/password", operation_id="set_password", responses=documented(401, 403, 409, 422, 429, 503))
async def set_password(request: Request, wanted: PasswordRequest, response: Response) -> SessionAnswer:
    """Set a password. A new one of the owner's comes with a session, and ends all others of theirs."""
    logins = _logins(request)
    identity = _owner(request)
    asker: Asker = request.state.asker
    opened = logins.new_session(_browser(request)) if wanted.role is Role.OWNER else None
    await logins.set_password(wanted.role, wanted.new, wanted.old, asker, opened)
    if opened is None or identity.means is Means.TOKEN:
        return SessionAnswer(role=identity.role, name=identity.name, means=identity.means, csrf=identity.csrf)
    return _with_cookie(response, opened, logins, asker)


@router.post(
    "/logout", operation_id="log_out", status_code=HTTPStatus.NO_CONTENT, responses=documented(401, 403, 503)
)
async def log_out(request: Request) -> Response:
    """End this session."""
    logins = _logins(request)
    identity = _identity(request)
    if identity.means is Means.SESSION:
        await logins.change(lambda found: found.without_session(identity.key))
    asker: Asker = request.state.asker
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    response.delete_cookie(
        logins.authenticator.cookie, path=asker.prefix or "/", httponly=True, samesite="strict"
    )
    return response


@router.get("/session", operation_id="session", responses=documented(401, 503))
async def session(request: Request) -> SessionAnswer:
    """Who asks."""
    identity = _identity(request)
    return SessionAnswer(role=identity.role, name=identity.name, means=identity.means, csrf=identity.csrf)


@router.get("/sessions", operation_id="sessions", responses=OWNERS)
async def sessions(request: Request) -> list[CredentialAnswer]:
    """Everybody who is logged in."""
    logins = _logins(request)
    identity = _owner(request)
    return [_listed(one, identity) for one in logins.authenticator.secrets().sessions]


@router.delete(
    "/sessions/{id}", operation_id="end_session", status_code=HTTPStatus.NO_CONTENT, responses=OWNERS_ONE
)
async def end_session(request: Request, id: Id) -> Response:
    """Throw somebody out, at once."""
    logins = _logins(request)
    _owner(request)
    _known(logins.authenticator.secrets().sessions, id, "session")
    await logins.change(lambda found: found.without_session(id))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/tokens", operation_id="tokens", responses=OWNERS)
async def tokens(request: Request) -> list[CredentialAnswer]:
    """The tokens of programs."""
    logins = _logins(request)
    identity = _owner(request)
    return [_listed(one, identity) for one in logins.authenticator.secrets().tokens]


@router.post(
    "/tokens",
    operation_id="add_token",
    status_code=HTTPStatus.CREATED,
    responses={**OWNERS, **documented(409, 422)},
)
async def add_token(request: Request, wanted: TokenRequest) -> TokenAnswer:
    """A token for a program; it is shown this once."""
    logins = _logins(request)
    identity = _owner(request)
    secret, token = new_credential(wanted.role, wanted.name, logins.now_s(), None)
    after = await logins.change(lambda found: found.with_token(token))
    if token not in after.tokens:
        raise Problem(
            HTTPStatus.CONFLICT,
            "refused",
            f"there is a token of that name already, or there are {MOST_TOKENS}: remove one first.",
        )
    return TokenAnswer(**_listed(token, identity).model_dump(), token=secret)


@router.delete(
    "/tokens/{id}", operation_id="remove_token", status_code=HTTPStatus.NO_CONTENT, responses=OWNERS_ONE
)
async def remove_token(request: Request, id: Id) -> Response:
    """End a token, at once."""
    logins = _logins(request)
    _owner(request)
    _known(logins.authenticator.secrets().tokens, id, "token")

    def without(found: Secrets) -> Secrets:
        return found.without_token(id)

    await logins.change(without)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _with_cookie(response: Response, opened: Opened, logins: Logins, asker: Asker) -> SessionAnswer:
    """Tell a browser its new session."""
    response.headers.append("set-cookie", logins.authenticator.cookie_header(opened.secret, asker))
    session = opened.session
    return SessionAnswer(
        role=session.role, name=session.name, means=Means.SESSION, csrf=csrf_of(opened.secret)
    )


def _logins(request: Request) -> Logins:
    found: Logins = request.app.state.logins
    return found


def _identity(request: Request) -> Identity:
    identity: Identity | None = request.state.identity
    if identity is None:
        raise unauthorized("log in first.")
    return identity


def _owner(request: Request) -> Identity:
    identity = _identity(request)
    if not identity.is_owner:
        raise forbidden(f"this is for the owner; you are here as {identity.role}.")
    return identity


def _known(credentials: tuple[Credential, ...], id: str, what: str) -> None:
    if not any(one.id == id for one in credentials):
        raise Problem(HTTPStatus.NOT_FOUND, "missing", f"there is no such {what}.")


def _listed(one: Credential, identity: Identity) -> CredentialAnswer:
    return CredentialAnswer(
        id=one.id,
        role=one.role,
        name=one.name,
        created_s=one.created_s,
        used_s=one.used_s,
        expires_s=one.expires_s,
        yours=one.hash == identity.key,
    )


def _browser(request: Request) -> str:
    """What the list of sessions calls it: address and browser, as it says."""
    asker: Asker = request.state.asker
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())[:100]
    return f"{asker.address} {agent}".strip()
