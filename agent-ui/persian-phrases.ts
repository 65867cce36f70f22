/**
 * What react-aria says to screen readers about dates, in Persian: the library speaks thirty-four languages and this is not one of
 * them. By the folder of its phrases; each is the source of a module, since phrases with values are functions.
 */
export const PERSIAN_PHRASES: Readonly<Record<string, string>> = {
  datepicker: `export default {
    era: 'دوره', year: 'سال', month: 'ماه', day: 'روز', hour: 'ساعت', minute: 'دقیقه', second: 'ثانیه',
    dayPeriod: 'پیش یا پس از ظهر', calendar: 'تقویم', startDate: 'تاریخ آغاز', endDate: 'تاریخ پایان',
    weekday: 'روز هفته', timeZoneName: 'منطقهٔ زمانی',
    selectedDateDescription: (args) => \`تاریخ انتخاب‌شده: \${args.date}\`,
    selectedRangeDescription: (args) => \`بازهٔ انتخاب‌شده: \${args.startDate} تا \${args.endDate}\`,
    selectedTimeDescription: (args) => \`ساعت انتخاب‌شده: \${args.time}\`,
    rangeUnderflow: (args) => \`باید \${args.minValue} یا پس از آن باشد.\`,
    rangeOverflow: (args) => \`باید \${args.maxValue} یا پیش از آن باشد.\`,
    rangeReversed: 'آغاز باید پیش از پایان باشد.',
    unavailableDate: 'این تاریخ در دسترس نیست.',
  };`,
  calendar: `export default {
    previous: 'ماه پیش', next: 'ماه بعد',
    selectedDateDescription: (args) => \`تاریخ انتخاب‌شده: \${args.date}\`,
    selectedRangeDescription: (args) => \`بازهٔ انتخاب‌شده: \${args.dateRange}\`,
    todayDate: (args) => \`امروز، \${args.date}\`,
    todayDateSelected: (args) => \`امروز، \${args.date}، انتخاب‌شده\`,
    dateSelected: (args) => \`\${args.date}، انتخاب‌شده\`,
    startRangeSelectionPrompt: 'برای آغاز بازه کلیک کنید', finishRangeSelectionPrompt: 'برای پایان بازه کلیک کنید',
    minimumDate: 'نخستین تاریخ ممکن', maximumDate: 'آخرین تاریخ ممکن',
    dateRange: (args) => \`\${args.startDate} تا \${args.endDate}\`,
  };`,
  spinbutton: `export default { Empty: 'خالی' };`,
  overlays: `export default { dismiss: 'بستن' };`,
};
