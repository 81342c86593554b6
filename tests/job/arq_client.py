"""arq_client - reads what barq wrote for an arq client, as arq does: with pickle.loads.

    arq_client.py FILE     messages: a length of four bytes, low first, and so many bytes; first a
                           job, then a result of each outcome, in the order of `outcomes`
"""
import asyncio
import pickle
import struct
import sys
import types


class JobExecutionFailed(RuntimeError):
    """What arq has under this name."""


JobExecutionFailed.__module__ = "arq.worker"
arq = types.ModuleType("arq")
arq.worker = types.ModuleType("arq.worker")
arq.worker.JobExecutionFailed = JobExecutionFailed
sys.modules.update({"arq": arq, "arq.worker": arq.worker})

outcomes = [
    (True, {"sum": 3.0}),
    (False, RuntimeError),
    (False, JobExecutionFailed),
    (False, asyncio.CancelledError),
    (False, TimeoutError),
]


def messages(path):
    with open(path, "rb") as file:
        while length := file.read(4):
            yield pickle.loads(file.read(struct.unpack("<I", length)[0]))


def main():
    job, *results = messages(sys.argv[1])
    assert list(job) == ["t", "f", "a", "k", "et", "n", "tp", "ts"], job
    assert job["t"] is None and job["a"] == (1, "two") and job["k"] == {"x": b"\x00"}, job

    assert len(results) == len(outcomes), results
    for result, (success, wanted) in zip(results, outcomes):
        assert list(result) == ["t", "f", "a", "k", "et", "s", "r", "st", "ft", "q", "id", "n"], result
        assert result["s"] is success and result["a"] == (1, "two"), result
        if success:
            assert result["r"] == wanted, result
        else:
            assert type(result["r"]) is wanted and str(result["r"]) == "what went wrong", result


main()
