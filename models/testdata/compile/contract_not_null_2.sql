-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
)
SELECT TRY_CAST("id" AS VARCHAR) AS k1
FROM source_people
WHERE "id" IS NULL
ORDER BY "id"
LIMIT 3
