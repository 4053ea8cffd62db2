"""The rooms of the outside world: one foreign library each, its exceptions translated at the edge."""
