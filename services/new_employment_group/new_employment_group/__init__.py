"""The new-employment-group service: couriers, riders and streamers, who cares for them, and what they give back as supervisors."""
