-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync first_of_several (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("org" AS VARCHAR) AS key,
    CAST("email" AS VARCHAR) AS m1,
    "score" AS o1,
    "id" AS o2
  FROM source_people
)
SELECT
  key,
  m1,
  COALESCE(CASE
    WHEN m1 IS NULL THEN 'no_match:email'
  END, 'ok') AS problem
FROM typed
ORDER BY key, o1 DESC, o2
