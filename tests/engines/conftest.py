import pytest


@pytest.fixture(scope="package")
def cluster():
    """A Ray cluster with two CPUs on its only node."""
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'scixtag[ray]'")
    import ray_jobs
    from ray.cluster_utils import Cluster

    ray.cloudpickle.register_pickle_by_value(ray_jobs)
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    yield made
    made.shutdown()
