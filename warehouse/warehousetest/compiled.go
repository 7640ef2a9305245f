package warehousetest

func compiledTopic(s *suite) {}
