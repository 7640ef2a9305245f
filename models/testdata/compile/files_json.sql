-- source files_json (models/m.yml:3)
WITH source_files_json AS (
  SELECT * FROM read_json_auto('/elsewhere/x.ndjson')
)
SELECT *
FROM source_files_json
