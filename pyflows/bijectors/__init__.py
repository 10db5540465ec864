"""TFP bijectors made from our maps, and maps made from TFP bijectors."""
