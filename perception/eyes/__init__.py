"""`handeye-eyes`: the objects of one frame, their names and relations, and what words mean.

`eyes` is the network: `pixels` maps, `grouping` masks from maps, `crops` and `things` properties
and relations of masks, `reader` sentences about them. `config` and `processor` stand beside it.
"""

__all__ = ["config", "crops", "eyes", "grouping", "pixels", "processor", "reader", "things"]
