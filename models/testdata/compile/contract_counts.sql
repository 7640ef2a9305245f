-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
)
SELECT COALESCE(SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END), 0) AS not_null_2,
  COUNT("id") - COUNT(DISTINCT "id") AS unique_2,
  COALESCE(SUM(CASE WHEN TRY_CAST("org" AS VARCHAR) NOT IN ('acme', 'none') THEN 1 ELSE 0 END), 0) AS values_3
FROM source_people
