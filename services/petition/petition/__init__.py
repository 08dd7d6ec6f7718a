"""The petition service: petitions and work orders, deliberation, outreach, the three claims (domain reference 3.3)."""
