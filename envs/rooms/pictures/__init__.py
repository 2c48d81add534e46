"""Pictures of apartments: meshes of furniture, coverings, culling, and the renderer."""

__all__ = ["appearance", "furniture", "meshes", "rendering", "surfaces"]
