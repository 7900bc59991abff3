{
    "name": "Fast Lane without Database",
    "summary": "The fast lane answers without storing, for the benchmark",
    "version": "19.0.1.0.0",
    "author": "The pipeline_tracking authors",
    "license": "LGPL-3",
    "depends": ["pipeline_tracking"],
    "post_load": "post_load",
    "installable": False,
}
