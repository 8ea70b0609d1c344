SELECT nextval('eclusa.failure_batch_numbers')
