"""A brute-force model of the rules of a load, and the property test that compares eclusa with it."""
