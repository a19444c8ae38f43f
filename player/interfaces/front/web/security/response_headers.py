"""What every answer tells a browser: run nothing that is not ours, show it in no frame, keep no copy."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

_PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        # The page's htmx runs no attribute and no script without this answer's nonce, wherever it came from.
        *("script-src 'self' 'nonce-{nonce}'", "require-trusted-types-for 'script'", "trusted-types htmx"),
        *("style-src 'self'", "img-src 'self' blob: data:", "font-src 'self'"),
        *("connect-src 'self'", "media-src 'self'", "manifest-src 'self'", "worker-src 'self'"),
        *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
    )
)
"""Content-Security-Policy of pages: no script, style or connection but the player's own, nothing inline."""
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Content-Security-Policy of all that is no page."""
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": (
        "camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=(), midi=(),"
        " display-capture=(), browsing-topics=()"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_FORBIDDEN = ("access-control-allow-origin", "access-control-allow-credentials", "server", "x-powered-by")


def page_policy(nonce: str) -> str:
    """Content-Security-Policy of a page whose scripts carry this nonce."""
    return _PAGE_POLICY.format(nonce=nonce)


def guarded(send: Send, path: str, nonce: str) -> Send:
    """`send`, with these headers on every answer. A proxy's prefix may stand before the path."""
    is_page = "/api/" not in path and not path.endswith(("/metrics", "/healthz", "/openapi.json"))

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            for name in _FORBIDDEN:
                del headers[name]
            for name, value in ALWAYS.items():
                headers[name] = value
            shows_html = is_page and headers.get("content-type", "").startswith("text/html")
            headers["content-security-policy"] = page_policy(nonce) if shows_html else DATA_POLICY
            if not is_page:
                headers.setdefault("cache-control", "no-store")
        await send(message)

    return with_headers
