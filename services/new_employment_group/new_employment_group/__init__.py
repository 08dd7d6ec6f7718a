"""The new-employment-group service: couriers, riders, streamers; care for them; and what they give back."""
