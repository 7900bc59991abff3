"""The tests, in the rooms of `pipeline_tracking/models/`, and in `lane`, `tools`,
`security` and `development`. `common` has the test case that most tests inherit,
`helpers` the others.
"""
