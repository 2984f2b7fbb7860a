module testenv/elimity

go 1.26

require (
	github.com/elimity-com/scim v0.0.0-20230426070224-941a5eac92f3
	github.com/scim2/filter-parser/v2 v2.2.0
)

require (
	github.com/di-wu/parser v0.2.2 // indirect
	github.com/di-wu/xsd-datetime v1.0.0 // indirect
)
