"""Airflow: policies of airflow_local_settings and callbacks."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

HOST = Host(
    roots=frozenset({"airflow"}),
    parameters={
        ("task_policy", 0): ("airflow.models.baseoperator.BaseOperator",),
        ("dag_policy", 0): ("airflow.models.dag.DAG",),
        ("policy", 0): ("airflow.models.baseoperator.BaseOperator",),
        ("task_instance_mutation_hook", 0): ("airflow.models.taskinstance.TaskInstance",),
    },
)
