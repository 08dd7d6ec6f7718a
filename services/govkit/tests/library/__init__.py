"""A made-up service for the tests of the kit: branches of a library, readers with personal data, loans with states."""
