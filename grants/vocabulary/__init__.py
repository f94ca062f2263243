"""Keywords as a tree of concepts, each with a broader one: chosen by experts and for topics, loaded from a file."""
