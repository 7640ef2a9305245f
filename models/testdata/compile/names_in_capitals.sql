-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync names_in_capitals (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("id" AS BIGINT) AS key,
    CAST("email" AS VARCHAR) AS f1
  FROM source_people
)
SELECT
  key,
  f1,
  COALESCE(CAST(NULL AS VARCHAR), 'ok') AS problem
FROM typed
ORDER BY key
