"""Cases: input, action and expected rows as text (README.md), and the runner for them."""
