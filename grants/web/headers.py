"""Security headers on every answer. Thirty lines of our own: see docs/decisions/0008-security-headers.md."""

from __future__ import annotations

from flask import Flask, Response, g, request

from grants.settings import Settings


def init_app(app: Flask, settings: Settings, *, store_origin: str | None) -> None:
    """``store_origin``: where browsers send files to and fetch them from; None for the local store."""
    store = f" {store_origin}" if store_origin else ""
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self'{store}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        if settings.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static" and "Cache-Control" not in headers:
            signed_in = getattr(g.get("actor"), "signed_in", False)
            headers["Cache-Control"] = "no-store" if signed_in else "no-cache, private"
        return response
