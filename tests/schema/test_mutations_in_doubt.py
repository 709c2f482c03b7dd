"""A write whose answer was lost: settled by a read where one can tell, else reported as unknown, at the top."""

from __future__ import annotations

import httpx

from support.operations import Gateway

UPDATE = """mutation {
  before: updateCustomer(id: 1, input: {lastName: "Before"}) { customer { lastName } userErrors { code } }
  lost: updateCustomer(id: 1, input: {firstName: "Lost"}) { customer { firstName } userErrors { code } }
}"""


class Losing(httpx.AsyncBaseTransport):
    """Carries out the second write, loses its answer, and may lose everything after it."""

    keeps_reading = True

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._writes = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._writes >= 2 and not self.keeps_reading:
            raise httpx.ReadError("lost")
        response = await self._inner.handle_async_request(request)
        if request.method != "GET":
            self._writes += 1
            if self._writes == 2:
                raise httpx.ReadError("lost")
        return response


class LosingAll(Losing):
    keeps_reading = False


async def test_a_write_that_a_read_shows_is_a_success(gateway: Gateway) -> None:
    gateway.put_in_between(Losing)
    outcome = await gateway.run(UPDATE)
    assert outcome.whole["lost"] == {"customer": {"firstName": "Lost"}, "userErrors": []}


async def test_a_write_that_may_have_been_applied_says_so_and_hides_no_other(gateway: Gateway) -> None:
    gateway.put_in_between(LosingAll)
    outcome = await gateway.run(UPDATE)
    assert outcome.data == {"before": {"customer": {"lastName": "Before"}, "userErrors": []}, "lost": None}
    assert outcome.codes == [(["lost"], "MUTATION_OUTCOME_UNKNOWN")]
    assert outcome.errors[0].extensions == {"operation": "updateCustomer", "safeToRetry": True}
    writes = [call.method for call in outcome.calls if call.method != "GET"]
    assert writes == ["PUT", "PUT"]


async def test_a_create_is_never_called_safe_to_retry(gateway: Gateway) -> None:
    gateway.put_in_between(LosingAll)
    outcome = await gateway.run(
        """mutation {
          a: createCustomer(input: {enterpriseId: 2, email: "a@b.example"}) { customer { id } }
          b: createCustomer(input: {enterpriseId: 2, email: "b@b.example"}) { customer { id } }
          c: deleteCustomer(id: 5) { deletedCustomerId }
        }"""
    )
    assert outcome.data["a"]["customer"]
    assert outcome.data["b"] is None
    assert outcome.errors[0].extensions == {"operation": "createCustomer", "safeToRetry": False}
