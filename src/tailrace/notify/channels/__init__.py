"""The places that notifications go to, one module each."""
