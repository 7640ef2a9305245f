-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
)
SELECT *
FROM source_people
