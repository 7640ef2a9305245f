-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
)
SELECT MAX(CAST("seen" AS TIMESTAMP)) AS newest
FROM source_people
