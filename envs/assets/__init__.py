"""Files the simulation ships: robot description, meshes, and the scripts that wrote them."""
