"""The pair encoder and the relation encoder: inputs, network, entity-type tagger, versions."""
