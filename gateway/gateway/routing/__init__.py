"""From a request to its answer: the operation made ready, permitted, executed over the current supergraph."""
