-- source table_parts (models/m.yml:3)
WITH source_table_parts AS (
  SELECT * FROM "db"."odd.schema"."x"
)
SELECT *
FROM source_table_parts
