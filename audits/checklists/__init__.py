"""What is asked in an audit: templates, steps, checklists, samples, answers, scores (9.2.2)."""
