-- source files (models/m.yml:3)
WITH source_files AS (
  SELECT * FROM read_csv('/project/data/it''s */orders.csv.gz', header = true, skip = 0, comment = '', sample_size = 204800, types = {'zip': 'VARCHAR'})
)
SELECT *
FROM source_files
