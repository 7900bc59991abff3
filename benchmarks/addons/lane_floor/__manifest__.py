{
    "name": "The lane's floor",
    "summary": "The lane, answering without storing: what the benchmark compares with",
    "version": "19.0.1.0.0",
    "author": "The pipeline_tracking authors",
    "license": "LGPL-3",
    "depends": ["pipeline_tracking"],
    "post_load": "post_load",
    "installable": False,
}
