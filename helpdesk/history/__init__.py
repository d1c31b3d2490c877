"""The believable past of the demo: invented companies, their people, and months of cases at both desks."""
