"""What the project shows of itself: pages, tables and pictures of the README and of docs/."""

__all__ = [
    "agent_page",
    "environment_pages",
    "long_pages",
    "moving_picture",
    "result_pages",
    "rooms_pictures",
    "server_compatibility",
]
