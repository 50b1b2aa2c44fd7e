"""Take in planners' own layers: told by their bytes, read in a process of their own, proposed before they are kept."""
