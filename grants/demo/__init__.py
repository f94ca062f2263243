"""A fictional funder to look around in. Reproducible from a seed; refused where real accounts are.

``people`` says who signs in, ``loading`` puts all of it into an empty database.
"""
