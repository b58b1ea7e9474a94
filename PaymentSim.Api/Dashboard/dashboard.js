
// PaymentSim's own pages in Hangfire's dashboard. They work without this; it ticks all rows, copies exact bytes and renews the progress of replays.
(function () {
  'use strict';

  document.addEventListener('change', function (event) {
    if (!event.target.classList.contains('js-ps-all')) return;
    event.target.closest('form').querySelectorAll('input[name=deliveries]').forEach(function (box) { box.checked = event.target.checked; });
  });

  function copyByHand(text) {
    var area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    document.body.appendChild(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }

  document.addEventListener('click', function (event) {
    var button = event.target.closest('.js-ps-copy');
    if (!button) return;
    var text = button.getAttribute('data-exact');
    // Only pages of this machine, or of https, may use the clipboard.
    var copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.resolve(copyByHand(text));
    copied.then(function () {
      var before = button.textContent;
      button.textContent = 'Copied';
      setTimeout(function () { button.textContent = before; }, 1200);
    });
  });

  function renew() {
    var panel = document.getElementById('ps-replays');
    if (!panel || panel.dataset.live !== 'true') return;
    setTimeout(function () {
      fetch(panel.dataset.url, { credentials: 'same-origin' })
        .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(); })
        .then(function (html) {
          panel.outerHTML = html;
          renew();
        })
        .catch(renew);
    }, 1000);
  }

  renew();
})();
