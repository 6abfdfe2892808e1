"""What people keep: data sets, concept sets and models, as plain folders that outlive every process."""
